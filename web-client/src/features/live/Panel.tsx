import { ClipboardCheck, RotateCw } from "lucide-react";
import "./live.css";
import { type Component, ComponentState, Mode, SystemService } from "../../gen/cantina/system/v1/system_pb";
import { failureOfStatus } from "../../rpc/failure";
import { useCommand } from "../../rpc/use-command";
import { whyMute } from "../../state/connection";
import { useConnectionPart } from "../../state/store";
import { Age } from "../../ui/age";
import { Button } from "../../ui/button";
import { CommandButton } from "../../ui/command-button";
import { FailureNote } from "../../ui/failure-note";
import { enumWord } from "../../ui/format";
import { Lamp } from "../../ui/lamp";
import { Empty, Panel as Box } from "../../ui/panel";
import { Link } from "../../ui/router";
import { componentTone, outcomeOf } from "./states";
import { useComponents, useMode, usePreflight } from "./use-live";

/** The device at a glance. */
export function Panel() {
  const components = useComponents();
  return (
    <>
      <Headline components={components} />
      <div className="live-pair">
        <ModePanel />
        <PreflightPanel />
      </div>
      <h2>Components</h2>
      {components.length === 0 ? (
        <Empty>The device has not named its components yet.</Empty>
      ) : (
        <ul className="cards">
          {components.map((component) => (
            <ComponentCard key={component.name} component={component} />
          ))}
        </ul>
      )}
    </>
  );
}

function Headline({ components }: { components: Component[] }) {
  const bad = components.filter(({ state }) => state === ComponentState.FAILED).length;
  const weak = components.filter(({ state }) => state === ComponentState.DEGRADED).length;
  const running = components.filter(({ state }) => state === ComponentState.RUNNING).length;
  const words =
    components.length === 0
      ? "Nothing is known yet"
      : bad + weak === 0
        ? `${running} of ${components.length} components run`
        : [bad > 0 && `${bad} failed`, weak > 0 && `${weak} work in part`].filter(Boolean).join(", ");
  return <h1>{words}</h1>;
}

function ModePanel() {
  const { status, changing, failure, command, modes, offers, known } = useMode();
  return (
    <Box title="Mode" actions={status && <span className="soft small">{enumWord(Mode, status.mode)} <Age at={status.modeSince} since /></span>}>
      <div className="modes" role="group" aria-label="Mode">
        {modes.map((mode) => (
          <CommandButton
            key={mode}
            command={command}
            request={{ mode }}
            aria-pressed={status?.mode === mode}
            blocked={known && !offers(mode) ? "The device does not offer this mode now." : undefined}
          >
            {enumWord(Mode, mode)}
          </CommandButton>
        ))}
      </div>
      {changing && (
        <p role="status">
          Going from {enumWord(Mode, changing.from)} to {enumWord(Mode, changing.to)}
        </p>
      )}
      <FailureNote failure={command.failure} retry={command.retry} dismiss={command.dismiss} />
      {failure?.value.error && !command.failure && (
        <FailureNote failure={failureOfStatus(failure.value.error)} tone="warn" />
      )}
    </Box>
  );
}

function PreflightPanel() {
  const { answer, atMs, failure, running, run } = usePreflight();
  const blocked = useConnectionPart(whyMute);
  const outcome = answer && outcomeOf(answer.outcome);
  const button = (
    <Button icon={<ClipboardCheck size={18} aria-hidden />} onClick={run} pending={running} blocked={blocked}>
      {answer ? "Check again" : "Check now"}
    </Button>
  );
  return (
    <Box title="Can I start the show?" actions={button}>
      <FailureNote failure={failure} retry={run} />
      {outcome && (
        <p className="row">
          <Lamp tone={outcome.tone} /> <strong>{outcome.words}</strong>
          <span className="soft small">
            checked <Age at={atMs} />
          </span>
        </p>
      )}
      {answer ? (
        <ul className="checks">
          {answer.checks.map((check) => (
            <li key={check.name}>
              <Lamp tone={outcomeOf(check.outcome).tone} label={outcomeOf(check.outcome).words} />
              <span className="check-name">{check.name}</span>
              <span className="wrap">
                {check.finding}
                {check.fix && <span className="fix">{check.fix}</span>}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        !failure && <p className="soft">Tries each part for real and says how to mend what fails.</p>
      )}
    </Box>
  );
}

function ComponentCard({ component }: { component: Component }) {
  const restart = useCommand(SystemService.method.restartComponent);
  const { name, state, reason } = component;
  const tone = componentTone(state);
  return (
    <li className={`panel card ${tone}`}>
      <header>
        <h3 className="row">
          <Lamp tone={tone} /> {name}
        </h3>
        {component.simulated && <span className="tag">Simulated</span>}
      </header>
      <p>
        <strong>{enumWord(ComponentState, state)}</strong>{" "}
        <span className="soft">
          <Age at={component.since} since />
        </span>
      </p>
      {component.detail && <p className="small wrap">{component.detail}</p>}
      {reason && state !== ComponentState.RUNNING && <FailureNote failure={failureOfStatus(reason)} tone="warn" />}
      <FailureNote failure={restart.failure} retry={restart.retry} dismiss={restart.dismiss} />
      <footer className="row spread">
        <span className="soft small">
          {component.lastCheckTime ? (
            <>
              checked <Age at={component.lastCheckTime} />
            </>
          ) : (
            "not checked yet"
          )}
        </span>
        <span className="row">
          {name === "music" && <Link href="/music">Open music</Link>}
          {component.restartable && (
            <CommandButton
              look="quiet"
              aria-label={`Restart ${name}`}
              command={restart}
              request={{ name }}
              icon={<RotateCw size={16} aria-hidden />}
            >
              Restart
            </CommandButton>
          )}
        </span>
      </footer>
    </li>
  );
}
