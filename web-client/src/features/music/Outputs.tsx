import { RefreshCw } from "lucide-react";
import { MusicService, OutputKind } from "../../gen/cantina/music/v1/music_pb";
import { durationMs } from "../../rpc/time";
import { useCommand } from "../../rpc/use-command";
import { useQuery } from "../../rpc/use-query";
import { useDaemon } from "../../state/store";
import { Button } from "../../ui/button";
import { FailureNote } from "../../ui/failure-note";
import { enumWord } from "../../ui/format";
import { Panel as Box } from "../../ui/panel";

/** Where the sound goes. */
export function Outputs() {
  const output = useDaemon((state) => state.playback?.output);
  const listed = useQuery(MusicService.method.listOutputs, {}, output?.name ?? "");
  const choose = useCommand(MusicService.method.setOutput);
  const outputs = listed.answer?.outputs ?? [];
  const known = outputs.some((one) => one.name === output?.name);
  const facts = output && [
    enumWord(OutputKind, output.kind),
    output.sampleRateHz > 0 && `${output.sampleRateHz / 1000} kHz`,
    output.latency && `${Math.round(durationMs(output.latency))} ms late`,
  ];
  return (
    <Box
      title="Output"
      actions={<Button look="bare" aria-label="Look for outputs again" icon={<RefreshCw size={18} aria-hidden />} onClick={listed.reload} />}
    >
      <div className="field">
        <label htmlFor="output">Play through</label>
        <select
          id="output"
          className="select"
          value={output?.name ?? ""}
          disabled={choose.blocked !== undefined || choose.pending || outputs.length === 0}
          title={choose.blocked}
          onChange={(event) => void choose.run({ output: event.target.value })}
        >
          {!known && <option value={output?.name ?? ""}>{output ? output.displayName || output.name : "Unknown"}</option>}
          {outputs.map((one) => (
            <option key={one.name} value={one.name}>
              {one.displayName || one.name}
            </option>
          ))}
        </select>
      </div>
      {facts && <p className="soft small">{facts.filter(Boolean).join(" · ")}</p>}
      {output?.fallback && <p className="failure warn">It stands in for the output of the settings, which is not available.</p>}
      <FailureNote failure={choose.failure} retry={choose.retry} dismiss={choose.dismiss} />
      <FailureNote failure={listed.failure} retry={listed.reload} />
    </Box>
  );
}
