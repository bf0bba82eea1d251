import { SunMoon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useEffect } from "react";
import { Button } from "../../ui/button";
import { usePreference } from "../../ui/preference";

export const THEMES = {
  system: "As the system",
  light: "Daylight",
  dark: "Black glass",
  contrast: "High contrast",
  stage: "Stage (red on black)",
} as const;

export type Theme = keyof typeof THEMES;

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = usePreference<Theme>("theme", "system");
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  return [theme, setTheme];
}

export function ThemeMenu() {
  const [theme, setTheme] = useTheme();
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button look="bare" aria-label="Theme" icon={<SunMoon size={20} aria-hidden />} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={6}>
          <DropdownMenu.RadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)}>
            {Object.entries(THEMES).map(([value, words]) => (
              <DropdownMenu.RadioItem key={value} value={value}>
                <span aria-hidden style={{ width: 16 }}>
                  {theme === value ? "●" : "○"}
                </span>
                {words}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
