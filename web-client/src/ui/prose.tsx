/** A comment of the contract: what stands between backticks is code. */
export function Prose({ text }: { text: string }) {
  return text.split("`").map((piece, index) => (index % 2 === 1 ? <code key={index}>{piece}</code> : piece));
}
