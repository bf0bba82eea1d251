import { type ButtonHTMLAttributes, type ReactNode, useState } from "react";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "main" | "quiet" | "bare" | "danger" | "stop";
  icon?: ReactNode;
  /** Why it does nothing now. It stays reachable, so that the reason can be read. */
  blocked?: string | undefined;
  pending?: boolean;
}

/** A button that is never dumb: blocked, it says why; pending, it says so. */
export function Button({ look, icon, blocked, pending, className, onClick, onBlur, children, title, ...rest }: ButtonProps) {
  const [asked, setAsked] = useState(false);
  const idle = blocked !== undefined || pending;
  const classes = ["button", look, className].filter(Boolean).join(" ");
  return (
    <button
      type="button"
      {...rest}
      className={classes}
      title={blocked ?? title}
      aria-disabled={idle || undefined}
      aria-busy={pending || rest["aria-busy"]}
      onClick={(event) => {
        if (idle) event.preventDefault();
        else onClick?.(event);
        setAsked(blocked !== undefined);
      }}
      onBlur={(event) => {
        setAsked(false);
        onBlur?.(event);
      }}
    >
      {icon}
      {children}
      {blocked && <span className={asked ? "why-not" : "unseen"}>{asked ? blocked : ` (${blocked})`}</span>}
    </button>
  );
}
