import { Command as List } from "cmdk";
import { ListMusic, Music, OctagonX } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { SystemService } from "../../gen/cantina/system/v1/system_pb";
import type { Command } from "../../rpc/use-command";
import { FailureNote } from "../../ui/failure-note";
import { length } from "../../ui/format";
import { navigate } from "../../ui/router";
import { type PaletteView, usePalette } from "./use-palette";

interface Props {
  onClose: () => void;
  stop: Command<typeof SystemService.method.stopAll.input, typeof SystemService.method.stopAll.output>;
}

/** One field that finds pages, tracks and commands. A command that fails keeps the palette open and says why. */
export function Palette({ onClose, stop }: Props) {
  const view = usePalette(onClose);
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="shade" />
        <Radix.Content className="dialog palette" aria-describedby={undefined}>
          <Radix.Title className="unseen">Find</Radix.Title>
          <List shouldFilter={false} label="Find">
            <List.Input className="input" placeholder="Page, track or command" value={view.words} onValueChange={view.setWords} autoFocus />
            {view.failed.map((command) => (
              <FailureNote key={command.method.name} failure={command.failure} retry={command.retry} dismiss={command.dismiss} />
            ))}
            <List.List className="palette-list">
              <List.Empty className="empty">Nothing is called that.</List.Empty>
              <Commands view={view} onStop={view.fits("stop all") ? () => void stop.run({}).then(onClose) : undefined} />
              <Pages view={view} onClose={onClose} />
              <Tracks view={view} />
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

function Commands({ view, onStop }: { view: PaletteView; onStop: (() => void) | undefined }) {
  if (!onStop && view.commands.length === 0) return null;
  return (
    <List.Group heading="Commands">
      {onStop && (
        <List.Item value="stop" onSelect={onStop}>
          <OctagonX size={18} aria-hidden /> Stop all
        </List.Item>
      )}
      {view.commands.map(({ words, icon: Icon, blocked, run }) => (
        <List.Item key={words} value={words} disabled={blocked !== undefined} onSelect={run}>
          <Icon size={18} aria-hidden /> {words} {blocked && <span className="soft small">{blocked}</span>}
        </List.Item>
      ))}
    </List.Group>
  );
}

function Pages({ view, onClose }: { view: PaletteView; onClose: () => void }) {
  if (view.pages.length === 0) return null;
  return (
    <List.Group heading="Pages">
      {view.pages.map(({ path, title, icon: Icon }) => (
        <List.Item key={path} value={path} onSelect={() => (navigate(path), onClose())}>
          <Icon size={18} aria-hidden /> {title}
        </List.Item>
      ))}
    </List.Group>
  );
}

function Tracks({ view }: { view: PaletteView }) {
  const { tracks, play } = view;
  if (tracks.length === 0) return null;
  return (
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
  );
}
