import type { MapView } from "./use-map";
import { type Edge, NODE_WIDTH, type Node, ROW, WIDTH } from "./wiring";

const HEIGHT = 28;

function path({ from, to }: Edge): string {
  const x1 = from.x + NODE_WIDTH[from.column];
  const [y1, x2, y2] = [from.y + ROW / 2, to.x, to.y + ROW / 2];
  const bend = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** A line is as thick as what flows along it; a moving dash says that something flows now. */
function thickness(perSecond: number): number {
  return 1 + Math.min(5, Math.log2(1 + perSecond * 2));
}

export function Diagram({ view }: { view: MapView }) {
  const { wiring, flow, lit, chosen, setChosen } = view;
  return (
    <svg className="map" viewBox={`-4 -4 ${WIDTH + 8} ${wiring.height + 8}`} role="group" aria-label="Events from producers to consumers">
      <g fill="none" aria-hidden>
        {wiring.edges.map((edge) => {
          const perSecond = flow.get(edge.type)?.perSecond ?? 0;
          const classes = ["edge", perSecond > 0 && "flowing", lit && (lit.has(edge.type) ? "lit" : "dim")].filter(Boolean).join(" ");
          return <path key={`${edge.from.id} ${edge.to.id} ${edge.type}`} className={classes} d={path(edge)} strokeWidth={thickness(perSecond)} />;
        })}
      </g>
      {wiring.nodes.map((node) => (
        <MapNode
          key={node.id}
          node={node}
          perSecond={node.column === "type" ? flow.get(node.label)?.perSecond : undefined}
          chosen={chosen?.id === node.id}
          dim={lit !== undefined && node.column === "type" && !lit.has(node.label)}
          onChoose={() => setChosen(chosen?.id === node.id ? undefined : node)}
        />
      ))}
    </svg>
  );
}

interface NodeProps {
  node: Node;
  perSecond: number | undefined;
  chosen: boolean;
  dim: boolean;
  onChoose: () => void;
}

function MapNode({ node, perSecond, chosen, dim, onChoose }: NodeProps) {
  const width = NODE_WIDTH[node.column];
  const rate = perSecond === undefined ? "" : `, ${perSecond.toFixed(1)} a second`;
  return (
    <g
      className={`node ${node.column} ${dim ? "dim" : ""}`}
      role="button"
      tabIndex={0}
      aria-pressed={chosen}
      aria-label={`${node.column} ${node.label}${rate}`}
      transform={`translate(${node.x} ${node.y + (ROW - HEIGHT) / 2})`}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onChoose();
      }}
    >
      <rect width={width} height={HEIGHT} rx={node.column === "type" ? 4 : 14} />
      <text x={node.column === "type" ? 12 : width / 2} y="19" textAnchor={node.column === "type" ? "start" : "middle"}>
        {node.label}
      </text>
      {perSecond !== undefined && perSecond > 0 && (
        <text className="node-rate" x={width - 12} y="19" textAnchor="end">
          {perSecond.toFixed(1)}/s
        </text>
      )}
    </g>
  );
}
