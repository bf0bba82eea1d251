import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "./button";

/** Copies a text; where the browser forbids it, says so instead of pretending. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  const copy = () => {
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    written.then(
      () => setState("copied"),
      () => setState("refused"),
    );
  };
  const Icon = state === "copied" ? Check : Copy;
  return (
    <Button look="quiet" icon={<Icon size={16} aria-hidden />} onClick={copy} onBlur={() => setState("idle")}>
      <span aria-live="polite">{state === "refused" ? "The browser forbids copying" : state === "copied" ? "Copied" : label}</span>
    </Button>
  );
}
