import { Code } from "@connectrpc/connect";
import { useState } from "react";
import { ErrorReason } from "../../gen/cantina/error/v1/error_pb";
import { ErrorSeverity } from "../../gen/cantina/options/v1/options_pb";
import { FailureNote } from "../../ui/failure-note";
import { enumWord } from "../../ui/format";
import { Empty } from "../../ui/panel";
import { Prose } from "../../ui/prose";
import { useCatalogue } from "./use-system";

/** Everything that can go wrong, and what to do about it. */
export function Catalogue() {
  const { answer, failure, reload } = useCatalogue();
  const [words, setWords] = useState("");
  const rows = (answer?.reasons ?? []).filter((row) =>
    `${ErrorReason[row.reason]} ${row.description} ${row.recovery}`.toLowerCase().includes(words.toLowerCase()),
  );
  return (
    <div className="stack">
      <input
        data-filter
        type="search"
        className="input"
        aria-label="Errors"
        placeholder="Words in the catalogue"
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <FailureNote failure={failure} retry={reload} />
      {rows.length === 0 && <Empty>{answer ? "No error fits." : "Reading the catalogue."}</Empty>}
      {rows.length > 0 && (
        <div className="panel table-box" tabIndex={0} role="group" aria-label="Error catalogue">
          <table>
            <thead>
              <tr>
                {["Reason", "Meaning", "What to do", "Severity", "Code", "Again"].map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.reason}>
                  <td>
                    <code>{ErrorReason[row.reason] ?? row.reason}</code>
                  </td>
                  <td className="catalogue-words"><Prose text={row.description} /></td>
                  <td className="catalogue-words"><Prose text={row.recovery} /></td>
                  <td>{enumWord(ErrorSeverity, row.severity)}</td>
                  <td>{Code[row.code]}</td>
                  <td>{row.retryable ? "may help" : "no"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
