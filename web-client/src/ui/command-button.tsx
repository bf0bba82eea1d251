import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { Command } from "../rpc/use-command";
import { Button, type ButtonProps } from "./button";

interface Props<I extends DescMessage, O extends DescMessage> extends ButtonProps {
  command: Command<I, O>;
  request: Omit<MessageInitShape<I>, "requestId">;
}

/** A button that sends one command, and shows its life. Its failure is drawn by a FailureNote. */
export function CommandButton<I extends DescMessage, O extends DescMessage>({ command, request, ...rest }: Props<I, O>) {
  return (
    <Button
      {...rest}
      blocked={rest.blocked ?? command.blocked}
      pending={command.pending}
      onClick={() => void command.run(request)}
    />
  );
}
