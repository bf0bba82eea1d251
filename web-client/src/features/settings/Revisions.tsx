import { RotateCcw } from "lucide-react";
import { ConfigRevisionState, ConfigService } from "../../gen/cantina/config/v1/config_pb";
import { useCommand } from "../../rpc/use-command";
import { useQuery } from "../../rpc/use-query";
import { useDaemon } from "../../state/store";
import { Age } from "../../ui/age";
import { Button } from "../../ui/button";
import { CommandButton } from "../../ui/command-button";
import { FailureNote } from "../../ui/failure-note";
import { enumWord } from "../../ui/format";
import { Empty, Panel as Box } from "../../ui/panel";

/** What was changed at run time, and the way back. */
export function Revisions() {
  const config = useDaemon((state) => state.config);
  const list = useQuery(ConfigService.method.listConfigRevisions, { pageSize: 50 }, `${config?.etag} ${config?.revision} ${config?.revertTime?.seconds}`);
  const rollback = useCommand(ConfigService.method.rollbackConfig);
  const reload = useCommand(ConfigService.method.reloadConfig);
  const etag = config?.etag ?? "";
  const revisions = list.answer?.revisions ?? [];
  return (
    <Box
      title="Revisions"
      actions={
        config?.filePath ? (
          <CommandButton look="quiet" command={reload} request={{}} icon={<RotateCcw size={16} aria-hidden />}>
            Read the file again
          </CommandButton>
        ) : undefined
      }
    >
      {config?.filePath && (
        <p className="soft small wrap">
          Settings file <code>{config.filePath}</code>
        </p>
      )}
      {[rollback, reload].map((command) => (
        <FailureNote key={command.method.name} failure={command.failure} retry={command.retry} dismiss={command.dismiss} />
      ))}
      <FailureNote failure={list.failure} retry={list.reload} />
      {revisions.length === 0 && list.answer && <Empty>Nothing was changed at run time.</Empty>}
      <ul className="revisions">
        {revisions.map((revision) => (
          <li key={String(revision.revision)}>
            <p className="row">
              <strong className="figure">{String(revision.revision)}</strong>
              <span className="tag">{enumWord(ConfigRevisionState, revision.state)}</span>
              <span className="soft small">
                <Age at={revision.createTime} /> by {revision.actor?.name || "unknown"}
              </span>
            </p>
            <p className="small wrap">{revision.comment || revision.changedPaths.join(", ")}</p>
            {revision.state !== ConfigRevisionState.ACTIVE && revision.state !== ConfigRevisionState.PENDING && (
              <CommandButton look="quiet" command={rollback} request={{ revision: revision.revision, etag }}>
                Go back to {String(revision.revision)}
              </CommandButton>
            )}
          </li>
        ))}
      </ul>
      {revisions.length > 0 && (
        <CommandButton command={rollback} request={{ revision: 0n, etag }}>
          Drop all changes made at run time
        </CommandButton>
      )}
      {list.answer?.nextPageToken && <p className="soft small">Older revisions are kept by the daemon.</p>}
      {list.failure && <Button onClick={list.reload}>Read again</Button>}
    </Box>
  );
}
