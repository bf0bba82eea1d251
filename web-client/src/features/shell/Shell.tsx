import { CircleHelp, Search } from "lucide-react";
import { lazy, Suspense } from "react";
import { Mode } from "../../gen/cantina/system/v1/system_pb";
import { isAged } from "../../state/connection";
import { useConnectionPart, useDaemon } from "../../state/store";
import { Button } from "../../ui/button";
import { FailureNote } from "../../ui/failure-note";
import { enumWord } from "../../ui/format";
import { Link } from "../../ui/router";
import { failureOfStatus } from "../../rpc/failure";
import { PlayerContext } from "../music/use-player";
import { PendingConfig } from "../settings/PendingConfig";
import { AbsenceNote, ConnectionBadge } from "./ConnectionBadge";
import { KeyHelp } from "./KeyHelp";
import { NowPlayingBar } from "./NowPlayingBar";
import { PageBoundary } from "./PageBoundary";
import { StopButton, StopNotice } from "./Stop";
import { ThemeMenu } from "./ThemeMenu";
import { BottomNav, Tuner } from "./Tuner";
import { loadPalette, useShell } from "./use-shell";

const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }));

export function Shell() {
  const { page, player, stop, deviceName, overlay, setOverlay } = useShell();
  const aged = useConnectionPart(isAged);
  const close = () => setOverlay(undefined);
  return (
    <PlayerContext value={player}>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="top">
        <Link href="/" className="brand">
          <Mark />
          <span className="cut">{deviceName || "Cantina"}</span>
        </Link>
        <ConnectionBadge />
        <ModeBadge />
        <div className="top-actions">
          <Button look="bare" aria-label="Find (Ctrl K)" icon={<Search size={20} aria-hidden />} onClick={() => setOverlay("palette")} />
          <Button
            look="bare"
            className="wide-only"
            aria-label="Keys"
            icon={<CircleHelp size={20} aria-hidden />}
            onClick={() => setOverlay("help")}
          />
          <ThemeMenu />
          <StopButton stop={stop} />
        </div>
      </header>
      <Tuner />
      <main id="main" tabIndex={-1} className={aged ? "aged" : ""}>
        <AbsenceNote />
        <StopNotice stop={stop} />
        <SafeModeNote />
        <PendingConfig />
        <PageBoundary key={page?.path}>
          <Suspense fallback={<p className="soft">Loading</p>}>
            {page ? <page.Panel /> : <NotFound />}
          </Suspense>
        </PageBoundary>
      </main>
      <div className="foot">
        {page?.path !== "/music" && <NowPlayingBar />}
        <BottomNav />
      </div>
      <KeyHelp open={overlay === "help"} onClose={close} />
      {overlay === "palette" && (
        <Suspense>
          <Palette onClose={close} stop={stop} />
        </Suspense>
      )}
    </PlayerContext>
  );
}

function Mark() {
  return (
    <svg width="28" height="28" viewBox="0 0 64 64" aria-hidden>
      <path d="M10 46a22 22 0 0 1 44 0" fill="none" stroke="var(--glow)" strokeWidth="5" strokeLinecap="round" />
      <path d="M32 46 45 26" stroke="var(--needle)" strokeWidth="5" strokeLinecap="round" />
      <circle cx="32" cy="46" r="6" fill="var(--needle)" />
    </svg>
  );
}

function ModeBadge() {
  const mode = useDaemon((state) => state.status?.mode);
  const changing = useDaemon((state) => state.modeChanging?.to);
  const words = mode === undefined ? "Mode unknown" : enumWord(Mode, mode);
  return (
    <span className="badge wide-only">
      {changing === undefined ? words : `${words}, going to ${enumWord(Mode, changing)}`}
    </span>
  );
}

function SafeModeNote() {
  const reason = useDaemon((state) => state.status?.safeMode);
  if (!reason) return null;
  const failure = failureOfStatus(reason);
  return <FailureNote failure={{ ...failure, sentence: `Safe mode: ${failure.sentence}` }} tone="warn" />;
}

function NotFound() {
  return (
    <div className="stack">
      <h1>No such page</h1>
      <p>
        <Link href="/">Go to Live</Link>
      </p>
    </div>
  );
}
