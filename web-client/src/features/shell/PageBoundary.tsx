import { Component, type ReactNode } from "react";
import { Button } from "../../ui/button";

interface State {
  error: Error | undefined;
}

/** Keeps a page that breaks from taking the stop button with it. */
export class PageBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="failure" role="alert">
        <strong>This page could not be drawn.</strong>
        <span>Load it again; if the daemon was updated meanwhile, that brings the new page.</span>
        <div className="row">
          <Button onClick={() => location.reload()}>Load again</Button>
        </div>
        <details>
          <summary>Details</summary>
          <code>{error.message}</code>
        </details>
      </div>
    );
  }
}
