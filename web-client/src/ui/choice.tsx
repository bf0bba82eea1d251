import { RadioGroup } from "radix-ui";

interface Props<T extends string> {
  label: string;
  value: T | "";
  options: { value: T; words: string; blocked?: string | undefined }[];
  onChange: (value: T) => void;
}

/** One of a few, all in view. */
export function Choice<T extends string>({ label, value, options, onChange }: Props<T>) {
  return (
    <RadioGroup.Root className="choice" aria-label={label} value={value} onValueChange={(next) => onChange(next as T)}>
      {options.map((option) => (
        <RadioGroup.Item key={option.value} value={option.value} disabled={option.blocked !== undefined} title={option.blocked}>
          {option.words}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
