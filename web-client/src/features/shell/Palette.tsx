import { Command as List } from "cmdk";
import { ListMusic, Music, OctagonX } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { SystemService } from "../../gen/cantina/system/v1/system_pb";
import type { Command } from "../../rpc/use-command";
import { FailureNote } from "../../ui/failure-note";
import { length } from "../../ui/format";
import { navigate } from "../../ui/router";
import { PAGES } from "../pages";
import { usePalette } from "./use-palette";

interface Props {
  onClose: () => void;
  stop: Command<typeof SystemService.method.stopAll.input, typeof SystemService.method.stopAll.output>;
}

/** One field that finds pages, tracks and commands. A command that fails keeps the palette open and says why. */
export function Palette({ onClose, stop }: Props) {
  const { words, setWords, tracks, commands, play, failed } = usePalette(onClose);
  const matches = (text: string) => text.toLowerCase().includes(words.trim().toLowerCase());
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="shade" />
        <Radix.Content className="dialog palette" aria-describedby={undefined}>
          <Radix.Title className="unseen">Find</Radix.Title>
          <List shouldFilter={false} label="Find">
            <List.Input className="input" placeholder="Page, track or command" value={words} onValueChange={setWords} autoFocus />
            {failed.map((command) => (
              <FailureNote key={command.method.name} failure={command.failure} retry={command.retry} dismiss={command.dismiss} />
            ))}
            <List.List className="palette-list">
              <List.Empty className="empty">Nothing is called that.</List.Empty>
              <List.Group heading="Commands">
                {matches("stop all") && (
                  <List.Item value="stop" onSelect={() => void stop.run({}).then(onClose)}>
                    <OctagonX size={18} aria-hidden /> Stop all
                  </List.Item>
                )}
                {commands.filter((command) => matches(command.words)).map(({ words: text, icon: Icon, blocked, run }) => (
                  <List.Item key={text} value={text} disabled={blocked !== undefined} onSelect={run}>
                    <Icon size={18} aria-hidden /> {text} {blocked && <span className="soft small">{blocked}</span>}
                  </List.Item>
                ))}
              </List.Group>
              <List.Group heading="Pages">
                {PAGES.filter((page) => matches(page.title)).map(({ path, title, icon: Icon }) => (
                  <List.Item key={path} value={path} onSelect={() => (navigate(path), onClose())}>
                    <Icon size={18} aria-hidden /> {title}
                  </List.Item>
                ))}
              </List.Group>
              {tracks.length > 0 && (
                <List.Group heading="Tracks">
                  {tracks.map((track) => (
                    <List.Item key={track.id} value={track.id} disabled={play.blocked !== undefined} onSelect={() => void play.track(track)}>
                      <Music size={18} aria-hidden />
                      <span className="cut">
                        {track.title} <span className="soft">{track.artist}</span>
                      </span>
                      <span className="figure soft small">{length(track.duration)}</span>
                    </List.Item>
                  ))}
                </List.Group>
              )}
            </List.List>
          </List>
          <p className="soft small row">
            <ListMusic size={16} aria-hidden /> A track is played at once.
          </p>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
