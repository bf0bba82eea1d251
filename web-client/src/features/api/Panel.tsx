import "./api.css";
import { Tabs } from "radix-ui";
import { useAddressValue } from "../../ui/router";
import { CallLog } from "./CallLog";
import { Methods } from "./Methods";

/** The contract: what can be called, how, and what this page has called. */
export function Panel() {
  const [tab, setTab] = useAddressValue("tab");
  return (
    <Tabs.Root className="stack" value={tab || "methods"} onValueChange={setTab}>
      <div className="page-head">
        <h1>API</h1>
        <Tabs.List className="choice" aria-label="Views">
          <Tabs.Trigger value="methods">Methods</Tabs.Trigger>
          <Tabs.Trigger value="calls">Calls of this page</Tabs.Trigger>
        </Tabs.List>
      </div>
      <Tabs.Content value="methods" tabIndex={-1}>
        <Methods />
      </Tabs.Content>
      <Tabs.Content value="calls" tabIndex={-1}>
        <CallLog />
      </Tabs.Content>
    </Tabs.Root>
  );
}
