import { MoreHorizontal } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useLayoutEffect, useRef, useState } from "react";
import { Link, navigate, usePath } from "../../ui/router";
import { PAGES } from "../pages";

/** The way between pages: a tuning dial with a station for each, and the needle on the one that is shown. */
export function Tuner() {
  const path = usePath();
  const scale = useRef<HTMLUListElement>(null);
  const [needle, setNeedle] = useState<number>();

  useLayoutEffect(() => {
    const place = () => {
      const station = scale.current?.querySelector<HTMLElement>("[aria-current]");
      setNeedle(station ? station.offsetLeft + station.offsetWidth / 2 : undefined);
    };
    place();
    const observer = new ResizeObserver(place);
    if (scale.current) observer.observe(scale.current);
    return () => observer.disconnect();
  }, [path]);

  return (
    <nav className="tuner" aria-label="Pages">
      <ul ref={scale}>
        {PAGES.map(({ path: to, title, icon: Icon }) => (
          <li key={to}>
            <Link href={to} aria-current={path === to ? "page" : undefined}>
              <Icon size={18} aria-hidden /> {title}
            </Link>
          </li>
        ))}
        {needle !== undefined && <li className="tuner-needle" aria-hidden style={{ translate: `${needle}px 0` }} />}
      </ul>
    </nav>
  );
}

const AT_HAND = 4;

/** The same pages under the thumb of a phone. */
export function BottomNav() {
  const path = usePath();
  const hidden = PAGES.slice(AT_HAND);
  const inMore = hidden.some((page) => page.path === path);
  return (
    <nav className="bottom-nav" aria-label="Pages">
      {PAGES.slice(0, AT_HAND).map(({ path: to, title, icon: Icon }) => (
        <Link key={to} href={to} aria-current={path === to ? "page" : undefined}>
          <Icon size={22} aria-hidden />
          {title}
        </Link>
      ))}
      <DropdownMenu.Root>
        <DropdownMenu.Trigger className={inMore ? "current" : ""}>
          <MoreHorizontal size={22} aria-hidden />
          More
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" sideOffset={8}>
            {hidden.map(({ path: to, title, icon: Icon }) => (
              <DropdownMenu.Item key={to} onSelect={() => navigate(to)}>
                <Icon size={18} aria-hidden /> {title}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </nav>
  );
}
