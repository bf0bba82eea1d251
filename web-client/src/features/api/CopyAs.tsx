import { CopyButton } from "../../ui/copy-button";
import { snippetsOf } from "./snippets";

/** The call as others would write it. */
export function CopyAs({ method, requestJson }: { method: string; requestJson: string }) {
  const snippets = snippetsOf(method, requestJson, location.origin);
  return (
    <div className="row" role="group" aria-label="Copy as">
      <CopyButton text={snippets.grpcurl} label="grpcurl" />
      <CopyButton text={snippets.curl} label="curl" />
      <CopyButton text={snippets.typescript} label="TypeScript" />
    </div>
  );
}
