import "./system.css";
import { Tabs } from "radix-ui";
import { useAddressValue } from "../../ui/router";
import { Catalogue } from "./Catalogue";
import { Logs } from "./Logs";
import { Overview } from "./Overview";

/** The daemon itself. */
export function Panel() {
  const [tab, setTab] = useAddressValue("tab");
  return (
    <Tabs.Root className="stack" value={tab || "overview"} onValueChange={setTab}>
      <div className="page-head">
        <h1>System</h1>
        <Tabs.List className="choice" aria-label="Views">
          <Tabs.Trigger value="overview">Overview</Tabs.Trigger>
          <Tabs.Trigger value="logs">Logs</Tabs.Trigger>
          <Tabs.Trigger value="errors">Errors</Tabs.Trigger>
        </Tabs.List>
      </div>
      <Tabs.Content value="overview" tabIndex={-1}>
        <Overview />
      </Tabs.Content>
      <Tabs.Content value="logs" tabIndex={-1}>
        <Logs />
      </Tabs.Content>
      <Tabs.Content value="errors" tabIndex={-1}>
        <Catalogue />
      </Tabs.Content>
    </Tabs.Root>
  );
}
