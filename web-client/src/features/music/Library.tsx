import { FileWarning, RefreshCw, Search } from "lucide-react";
import { durationMs } from "../../rpc/time";
import { Age } from "../../ui/age";
import { Button } from "../../ui/button";
import { CommandButton } from "../../ui/command-button";
import { FailureNote } from "../../ui/failure-note";
import { span } from "../../ui/format";
import { Panel as Box } from "../../ui/panel";
import { failureOfStatus } from "../../rpc/failure";
import { TrackTable } from "./TrackTable";
import { type LibraryView, useLibrary, useScan, useTrackActions } from "./use-library";

export function Library() {
  const view = useLibrary();
  const actions = useTrackActions();
  const { rescan } = useScan();
  return (
    <Box
      className="library"
      title="Library"
      actions={
        <CommandButton look="quiet" command={rescan} request={{}} icon={<RefreshCw size={18} aria-hidden />}>
          Rescan
        </CommandButton>
      }
    >
      <LibraryFacts view={view} />
      <ScanLine />
      <FailureNote failure={rescan.failure} retry={rescan.retry} dismiss={rescan.dismiss} />
      {view.library?.folders.map(
        (folder) =>
          folder.problem && (
            <FailureNote
              key={folder.path}
              tone="warn"
              failure={{ ...failureOfStatus(folder.problem), sentence: `${folder.path}: ${folder.problem.message}` }}
            />
          ),
      )}
      <Filters view={view} />
      {[actions.play, actions.enqueue].map((command) => (
        <FailureNote key={command.method.name} failure={command.failure} retry={command.retry} dismiss={command.dismiss} />
      ))}
      <FailureNote failure={view.loaded.failure} retry={view.reload} />
      <TrackTable view={view} actions={actions} />
    </Box>
  );
}

function LibraryFacts({ view }: { view: LibraryView }) {
  const { library } = view;
  if (!library) return <p className="soft">The library is not known yet.</p>;
  const total = library.totalDuration && durationMs(library.totalDuration);
  return (
    <p className="soft small">
      {library.trackCount} tracks{total !== undefined && `, ${span(total)} of music`} ·{" "}
      {library.lastScanTime ? (
        <>
          scanned <Age at={library.lastScanTime} />
        </>
      ) : (
        "never scanned"
      )}
    </p>
  );
}

function ScanLine() {
  const { scan } = useScan();
  if (!scan) return null;
  const known = scan.total !== undefined && scan.total > 0n;
  const words = known ? `${scan.done} of ${scan.total} files` : `${scan.done} files so far`;
  return (
    <div className="scan" role="status">
      <progress {...(known && { max: Number(scan.total), value: Number(scan.done) })} aria-label="Scan of the library" />
      <span className="figure small">
        Scanning: {words}, {Math.round(scan.rate)} a second{scan.eta && `, ${span(durationMs(scan.eta))} left`}
      </span>
    </div>
  );
}

function Filters({ view }: { view: LibraryView }) {
  const problemCount = view.library?.problemCount ?? 0;
  return (
    <div className="filters">
      <div className="search">
        <Search size={18} aria-hidden />
        <input
          data-filter
          type="search"
          className="input"
          aria-label="Search the library"
          placeholder="Title, artist, album, genre or file"
          value={view.typed}
          maxLength={200}
          onChange={(event) => view.setTyped(event.target.value)}
        />
      </div>
      <select className="select genre" aria-label="Genre" value={view.genre} onChange={(event) => view.setGenre(event.target.value)}>
        <option value="">All genres</option>
        {view.genres.map((genre) => (
          <option key={genre}>{genre}</option>
        ))}
      </select>
      {(problemCount > 0 || view.problems) && (
        <Button aria-pressed={view.problems} icon={<FileWarning size={18} aria-hidden />} onClick={() => view.setProblems(!view.problems)}>
          Files with problems ({problemCount})
        </Button>
      )}
    </div>
  );
}
