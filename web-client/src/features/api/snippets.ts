/** The same call for a terminal or a program, at the address of this page. */
export interface Snippets {
  grpcurl: string;
  curl: string;
  typescript: string;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** One line of JSON without a request id: whoever repeats the call means a new one. */
export function repeatable(requestJson: string): string {
  try {
    const { requestId: _, ...request } = JSON.parse(requestJson || "{}") as Record<string, unknown>;
    return JSON.stringify(request);
  } catch {
    return requestJson;
  }
}

/** `method` is for example `cantina.music.v1.MusicService/Play`. */
export function snippetsOf(method: string, requestJson: string, origin: string): Snippets {
  const url = new URL(origin);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const plain = url.protocol === "https:" ? "" : "-plaintext ";
  const json = repeatable(requestJson);
  const [service = "", name = ""] = method.split("/");
  const call = name.charAt(0).toLowerCase() + name.slice(1);
  const short = service.slice(service.lastIndexOf(".") + 1);
  const path = service.split(".").slice(0, -1);
  const file = `./gen/${path.join("/")}/${path.at(-2)}_pb`;
  return {
    grpcurl: `grpcurl ${plain}-d ${quote(json)} ${url.hostname}:${port} ${method}`,
    curl: `curl -H 'content-type: application/json' -d ${quote(json)} ${url.origin}/${method}`,
    typescript: [
      `import { createClient } from "@connectrpc/connect";`,
      `import { createGrpcWebTransport } from "@connectrpc/connect-web";`,
      `import { ${short} } from "${file}";`,
      ``,
      `const client = createClient(${short}, createGrpcWebTransport({ baseUrl: "${url.origin}" }));`,
      `console.log(await client.${call}(${json}));`,
    ].join("\n"),
  };
}
