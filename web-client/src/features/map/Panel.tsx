import "./map.css";
import { Durability, RateClass, Retention } from "../../gen/cantina/options/v1/options_pb";
import { Age } from "../../ui/age";
import { Choice } from "../../ui/choice";
import { FailureNote } from "../../ui/failure-note";
import { enumWord } from "../../ui/format";
import { Empty } from "../../ui/panel";
import { usePreference } from "../../ui/preference";
import { Prose } from "../../ui/prose";
import { Diagram } from "./Diagram";
import { type MapView, useMap } from "./use-map";
import { consumersOf, producerOf } from "./wiring";

type Look = "drawn" | "table";

/** Who publishes what, who reads it, and how much of it flows now. */
export function Panel() {
  const view = useMap();
  const narrow = window.matchMedia("(max-width: 760px)").matches;
  const [look, setLook] = usePreference<Look>("map", narrow ? "table" : "drawn");
  return (
    <>
      <div className="page-head">
        <h1>Map</h1>
        <div className="row">
          <input
            data-filter
            type="search"
            className="input map-filter"
            aria-label="Event types"
            placeholder="Type or producer"
            value={view.words}
            onChange={(event) => view.setWords(event.target.value)}
          />
          <Choice
            label="Look"
            value={look}
            options={[
              { value: "drawn", words: "Drawn" },
              { value: "table", words: "Table" },
            ]}
            onChange={setLook}
          />
        </div>
      </div>
      <p className="soft small">
        Producers on the left, event types in the middle, consumers on the right.{" "}
        {view.ratesAtMs === undefined ? "How much flows is not known." : <>Rates were taken <Age at={view.ratesAtMs} />.</>}
      </p>
      <FailureNote failure={view.registry.failure} retry={view.registry.reload} />
      {view.types.length === 0 && !view.registry.failure && (
        <Empty>{view.registry.loading ? "Reading the registry." : "No event type fits."}</Empty>
      )}
      {view.types.length > 0 && (look === "drawn" ? <Drawn view={view} /> : <Table view={view} />)}
    </>
  );
}

function Drawn({ view }: { view: MapView }) {
  const { chosen, types, lit } = view;
  const told = types.filter((type) => lit?.has(type.type));
  return (
    <>
      <div className="panel map-box" tabIndex={0} role="group" aria-label="Map of events">
        <Diagram view={view} />
      </div>
      {chosen && (
        <div className="panel" role="status">
          <h2>{chosen.label}</h2>
          {told.map((type) => (
            <p key={type.type}>
              <code>{type.type}</code> <Prose text={type.description} />
            </p>
          ))}
        </div>
      )}
    </>
  );
}

function Table({ view }: { view: MapView }) {
  return (
    <div className="panel table-box" tabIndex={0} role="group" aria-label="Table of events">
      <table>
        <thead>
          <tr>
            {["Type", "A second", "Since start", "Producer", "Consumers", "On disk", "Pace", "Kept as", "Meaning"].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {view.types.map((type) => {
            const rate = view.flow.get(type.type);
            const { wiring } = type;
            return (
              <tr key={type.type}>
                <td>
                  <code>{type.type}</code>
                </td>
                <td className="figure">{rate ? rate.perSecond.toFixed(1) : view.ratesAtMs === undefined ? "–" : "0"}</td>
                <td className="figure">{rate ? String(rate.total) : "–"}</td>
                <td>{producerOf(type)}</td>
                <td>{consumersOf(type).join(", ")}</td>
                <td>{wiring && enumWord(Durability, wiring.durability)}</td>
                <td>{wiring && enumWord(RateClass, wiring.rate)}</td>
                <td>{wiring && enumWord(Retention, wiring.retention)}</td>
                <td className="map-meaning">
                  <Prose text={type.description} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
