import { type DescMethod, type DescService, getOption } from "@bufbuild/protobuf";
import { Send } from "lucide-react";
import { policy, Role, unit } from "../../gen/cantina/options/v1/options_pb";
import type { Contract } from "../../rpc/contract";
import { whyMute } from "../../state/connection";
import { useConnectionPart, useDaemon } from "../../state/store";
import { Button } from "../../ui/button";
import { FailureNote } from "../../ui/failure-note";
import { enumWord } from "../../ui/format";
import { Empty, Panel as Box } from "../../ui/panel";
import { Prose } from "../../ui/prose";
import { CopyAs } from "./CopyAs";
import { typeOf } from "./template";
import { nameOf, useApi, useTry } from "./use-api";

export function Methods() {
  const { contract, failure, words, setWords, shown, method, choose } = useApi();
  if (!contract) return failure ? <FailureNote failure={failure} /> : <Empty>Reading the contract.</Empty>;
  const services = contract.services.filter((service) => shown.some(({ parent }) => parent === service));
  return (
    <div className="api">
      <div className="panel methods">
        <input
          data-filter
          type="search"
          className="input"
          aria-label="Methods"
          placeholder="Method or words in its comment"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        {services.length === 0 && <Empty>No method fits.</Empty>}
        <div className="methods-list" tabIndex={0} role="group" aria-label="Methods of the contract">
          {services.map((service) => (
            <ServiceList key={service.typeName} {...{ service, shown, method, choose }} />
          ))}
        </div>
      </div>
      {method && <MethodPage key={nameOf(method)} method={method} contract={contract} />}
    </div>
  );
}

interface ListProps {
  service: DescService;
  shown: DescMethod[];
  method: DescMethod | undefined;
  choose: (method: DescMethod) => void;
}

function ServiceList({ service, shown, method, choose }: ListProps) {
  const offered = useDaemon((state) => state.capabilities?.services);
  return (
    <>
      <h2>
        {service.name} {offered?.includes(service.typeName) === false && <span className="tag">not offered</span>}
      </h2>
      <ul>
        {shown
          .filter(({ parent }) => parent === service)
          .map((one) => (
            <li key={one.name}>
              <button type="button" aria-current={one === method || undefined} onClick={() => choose(one)}>
                {one.name}
                {one.methodKind !== "unary" && <span className="tag">stream</span>}
              </button>
            </li>
          ))}
      </ul>
    </>
  );
}

function MethodPage({ method, contract }: { method: DescMethod; contract: Contract }) {
  const rule = getOption(method, policy);
  const facts = [
    `Role ${enumWord(Role, rule.role).toLowerCase()}`,
    rule.audited ? "recorded as an event" : "not recorded",
    rule.allowedWhileStopped ? "works while stopped" : "refused while stopped",
    rule.deadlineMs > 0 ? `deadline ${rule.deadlineMs / 1000} s` : "no deadline",
  ];
  return (
    <div className="stack">
      <Box title={method.name}>
        <code className="wrap">{nameOf(method)}</code>
        <p>
          <Prose text={contract.comment(method)} />
        </p>
        <p className="row">
          {facts.map((fact) => (
            <span className="tag" key={fact}>
              {fact}
            </span>
          ))}
        </p>
        <Fields title="Request" method={method} contract={contract} side="input" />
        <Fields title="Answer" method={method} contract={contract} side="output" />
      </Box>
      {method.methodKind === "unary" ? (
        <TryIt method={method} contract={contract} />
      ) : (
        <p className="soft">This method streams; the page itself reads it. Use grpcurl to see its frames.</p>
      )}
    </div>
  );
}

function Fields({ title, method, contract, side }: { title: string; method: DescMethod; contract: Contract; side: "input" | "output" }) {
  const message = method[side];
  return (
    <>
      <h3>
        {title} <code>{message.name}</code>
      </h3>
      {message.fields.length === 0 ? (
        <p className="soft small">No fields.</p>
      ) : (
        <dl className="api-fields">
          {message.fields.map((field) => (
            <div key={field.name}>
              <dt>
                <code>{field.jsonName}</code> <span className="soft small">{typeOf(field)}</span>
                {getOption(field, unit) && <span className="tag">{getOption(field, unit)}</span>}
                {field.oneof && <span className="tag">one of {field.oneof.name}</span>}
              </dt>
              <dd className="small">
                <Prose text={contract.comment(field)} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

function TryIt({ method, contract }: { method: DescMethod; contract: Contract }) {
  const { text, setText, result, sending, send } = useTry(method, contract);
  const blocked = useConnectionPart(whyMute);
  const changes = getOption(method, policy).audited;
  return (
    <Box title="Try it">
      <div className="field">
        <label htmlFor="request">Request in JSON</label>
        <textarea
          id="request"
          className="input"
          rows={Math.min(14, Math.max(3, text.split("\n").length))}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <div className="row spread">
        <Button look="main" icon={<Send size={18} aria-hidden />} blocked={blocked} pending={sending} onClick={() => void send()}>
          Send
        </Button>
        <CopyAs method={nameOf(method)} requestJson={text} />
      </div>
      {changes && <p className="soft small">It really happens on the device. A request id is put in when there is none.</p>}
      <FailureNote failure={result.failure} retry={() => void send()} />
      {result.json !== undefined && (
        <pre className="code" tabIndex={0} aria-label="Answer">
          {result.json}
        </pre>
      )}
    </Box>
  );
}
