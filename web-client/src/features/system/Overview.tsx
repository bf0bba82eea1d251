import { ComponentState } from "../../gen/cantina/system/v1/system_pb";
import type { Clock } from "../../state/clock";
import { useDaemon } from "../../state/store";
import { Age } from "../../ui/age";
import { bytes, enumWord } from "../../ui/format";
import { Lamp } from "../../ui/lamp";
import { Empty, Panel as Box } from "../../ui/panel";
import { componentTone } from "../live/states";
import { useComponents } from "../live/use-live";
import { Power } from "./Power";
import { Trend } from "./Trend";
import { useResources } from "./use-system";

export function Overview() {
  return (
    <div className="system">
      <Daemon />
      <Resources />
      <Power />
      <Components />
    </div>
  );
}

function Daemon() {
  const status = useDaemon((state) => state.status);
  const epoch = useDaemon((state) => state.epoch);
  const head = useDaemon((state) => state.head);
  const clock = useDaemon((state) => state.clock);
  const capabilities = useDaemon((state) => state.capabilities);
  if (!status) return <Box title="Daemon"><Empty>The device has not described itself yet.</Empty></Box>;
  return (
    <Box title="Daemon">
      <dl className="facts">
        <dt>Version</dt>
        <dd>{status.version}</dd>
        <dt>Contract</dt>
        <dd>Revision {status.apiRevision}</dd>
        <dt>Started</dt>
        <dd>
          <Age at={status.startTime} />
        </dd>
        <dt>Device</dt>
        <dd>
          <code className="wrap">{status.deviceId}</code>
        </dd>
        <dt>Feed</dt>
        <dd className="wrap">
          At event {String(head)} of <code>{epoch}</code>
        </dd>
        <dt>Its clock</dt>
        <dd>{describeClock(clock)}</dd>
        {capabilities && (
          <>
            <dt>Streams</dt>
            <dd>
              Up to {capabilities.maxStreamsPerClient} for one address, {capabilities.maxStreams} in all
            </dd>
            <dt>Music</dt>
            <dd>{capabilities.musicExtensions.join(", ")}</dd>
          </>
        )}
      </dl>
    </Box>
  );
}

const SAME_MS = 50;

function describeClock({ samples, offsetMs }: Clock): string {
  if (samples.length === 0) return "not known";
  if (Math.abs(offsetMs) < SAME_MS) return "the same as here";
  return `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? "ahead of" : "behind"} this screen`;
}

function Resources() {
  const { now, samples } = useResources();
  if (!now) return <Box title="Resources"><Empty>The device has not measured itself yet.</Empty></Box>;
  const { value, atMs } = now;
  return (
    <Box title="Resources" actions={<span className="soft small"><Age at={atMs} /></span>}>
      <Trend
        label="Processor"
        value={`${(value.cpuCores * 100).toFixed(1)} % of a core`}
        samples={samples.map((sample) => sample.cpu)}
        least={0.1}
        format={(cpu) => `${(cpu * 100).toFixed(1)} %`}
      />
      <Trend label="Memory" value={bytes(value.residentBytes)} samples={samples.map((sample) => sample.memory)} least={1} format={bytes} />
      <dl className="facts">
        <dt>Open streams</dt>
        <dd className="figure">{value.openStreams}</dd>
        <dt>Free disk</dt>
        <dd className="figure">{bytes(value.diskFreeBytes)}</dd>
        <dt>Late audio blocks</dt>
        <dd className="figure">{String(value.audioUnderruns)} since the start</dd>
      </dl>
    </Box>
  );
}

function Components() {
  const components = useComponents();
  return (
    <Box title="Components" className="system-wide">
      <div className="table-box" tabIndex={0} role="group" aria-label="Components">
        <table>
          <thead>
            <tr>
              {["Component", "State", "Since", "Checked", "Working with"].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {components.map((component) => (
              <tr key={component.name}>
                <td>{component.name}</td>
                <td className="nowrap">
                  <Lamp tone={componentTone(component.state)} /> {enumWord(ComponentState, component.state)}
                </td>
                <td className="nowrap">
                  <Age at={component.since} />
                </td>
                <td className="nowrap">{component.lastCheckTime ? <Age at={component.lastCheckTime} /> : "not yet"}</td>
                <td className="wrap">{component.reason?.message || component.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Box>
  );
}
