import { Check } from "lucide-react";
import { ConfigService } from "../../gen/cantina/config/v1/config_pb";
import { timestampMs } from "../../rpc/time";
import { useCommand } from "../../rpc/use-command";
import { serverNow, useDaemon, useNow } from "../../state/store";
import { CommandButton } from "../../ui/command-button";
import { FailureNote } from "../../ui/failure-note";
import { span } from "../../ui/format";

/** On every page: settings that go back by themselves unless somebody keeps them. */
export function PendingConfig() {
  const config = useDaemon((state) => state.config);
  const confirm = useCommand(ConfigService.method.confirmConfig);
  useNow();
  if (!config?.revertTime) return <FailureNote failure={confirm.failure} retry={confirm.retry} dismiss={confirm.dismiss} />;
  const left = Math.max(0, timestampMs(config.revertTime) - serverNow());
  return (
    <>
      <div className="notice" role="status">
        <span className="figure">
          New settings are on trial. They go back <strong>in {span(left)}</strong> unless they are kept.
        </span>
        <CommandButton look="main" command={confirm} request={{ revision: config.revision }} icon={<Check size={18} aria-hidden />}>
          Keep them
        </CommandButton>
      </div>
      <FailureNote failure={confirm.failure} retry={confirm.retry} dismiss={confirm.dismiss} />
    </>
  );
}
