import "./settings.css";
import { Check, FlaskConical } from "lucide-react";
import { Button } from "../../ui/button";
import { FailureNote } from "../../ui/failure-note";
import { Empty, Panel as Box } from "../../ui/panel";
import { FieldEditor } from "./FieldEditor";
import { showValue } from "./fields";
import { Revisions } from "./Revisions";
import { type SettingsView, useSettings } from "./use-settings";

/** The settings, as a form that the contract makes. */
export function Panel() {
  const view = useSettings();
  return (
    <>
      <h1>Settings</h1>
      <FailureNote failure={view.failure} />
      {view.loading && !view.failure && <Empty>Reading the contract and the settings.</Empty>}
      <div className="settings">
        <div className="stack">
          {!view.loading &&
            view.sections.map((section) => (
              <Box key={section.name} title={section.name.charAt(0).toUpperCase() + section.name.slice(1)}>
                <p className="soft small">{section.doc}</p>
                {section.settings.map((setting) => (
                  <FieldEditor key={setting.path} setting={setting} view={view} />
                ))}
              </Box>
            ))}
        </div>
        <div className="settings-side">
          <Changes view={view} />
          <Revisions />
        </div>
      </div>
    </>
  );
}

function Changes({ view }: { view: SettingsView }) {
  const { changes, update, tried, marks } = view;
  const invalid = marks.length > 0 ? "Correct the fields that are marked." : undefined;
  return (
    <Box title={changes.length === 0 ? "No changes" : `Changes (${changes.length})`}>
      {changes.length === 0 && <p className="soft">Change a field; nothing is applied until you say so.</p>}
      {changes.length > 0 && (
        <>
          <dl className="diff">
            {changes.map(({ setting, before, after }) => (
              <div key={setting.path}>
                <dt>
                  <code>{setting.path}</code>
                </dt>
                <dd>
                  <del>{showValue(before)}</del> <ins>{after === undefined ? "the layer below" : showValue(after)}</ins>
                </dd>
              </div>
            ))}
          </dl>
          <div className="field">
            <label htmlFor="confirm">Goes back by itself</label>
            <select id="confirm" className="select" value={view.confirmSeconds} onChange={(event) => view.setConfirmSeconds(event.target.value)}>
              <option value="30">unless kept within 30 seconds</option>
              <option value="60">unless kept within a minute</option>
              <option value="300">unless kept within 5 minutes</option>
              <option value="0">never: it is kept at once</option>
            </select>
          </div>
          <div className="row">
            <Button look="main" icon={<Check size={18} aria-hidden />} blocked={update.blocked ?? invalid} pending={update.pending} onClick={() => void view.apply()}>
              Apply
            </Button>
            <Button icon={<FlaskConical size={18} aria-hidden />} blocked={update.blocked ?? invalid} pending={update.pending} onClick={() => void view.tryIt()}>
              Check only
            </Button>
            <Button look="quiet" onClick={view.discard}>
              Discard
            </Button>
          </div>
        </>
      )}
      {tried && (
        <p role="status" className="small">
          The daemon would accept it. Changed: {tried.changedPaths.join(", ") || "nothing"}.
        </p>
      )}
      <FailureNote failure={update.failure} retry={update.retry} dismiss={update.dismiss} />
    </Box>
  );
}
