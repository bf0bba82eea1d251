import { Switch } from "radix-ui";
import { useId } from "react";

interface Props {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** A switch with its words. */
export function Toggle({ label, checked, onChange }: Props) {
  const id = useId();
  return (
    <div className="row">
      <Switch.Root id={id} className="switch" checked={checked} onCheckedChange={onChange}>
        <Switch.Thumb />
      </Switch.Root>
      <label htmlFor={id}>{label}</label>
    </div>
  );
}
