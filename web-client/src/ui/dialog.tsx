import { X } from "lucide-react";
import { AlertDialog, Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
}

/** A dialog over the page; Escape and the cross close it. */
export function Dialog({ open, onClose, title, description, children }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={(wanted) => !wanted && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="shade" />
        <Radix.Content className="dialog" {...(!description && { "aria-describedby": undefined })}>
          <div className="row spread">
            <Radix.Title>{title}</Radix.Title>
            <Radix.Close asChild>
              <Button look="bare" aria-label="Close" icon={<X size={20} aria-hidden />} />
            </Radix.Close>
          </div>
          {description && <Radix.Description className="soft">{description}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps extends Props {
  /** The button that does it. */
  action: ReactNode;
}

/** A question before something that cannot be taken back. */
export function Confirm({ open, onClose, title, description, children, action }: ConfirmProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(wanted) => !wanted && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="shade" />
        <AlertDialog.Content className="dialog">
          <AlertDialog.Title>{title}</AlertDialog.Title>
          <AlertDialog.Description className="soft">{description}</AlertDialog.Description>
          {children}
          <div className="row">
            {action}
            <AlertDialog.Cancel asChild>
              <Button look="quiet">Cancel</Button>
            </AlertDialog.Cancel>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
