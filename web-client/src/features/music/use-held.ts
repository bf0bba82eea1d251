import { useCallback, useEffect, useState } from "react";

/**
 * The value under a person's hand. It stays where it was let go until the command that it sent has
 * shown in the feed, so that the needle does not jump back in between.
 */
export function useHeld(pending: boolean) {
  const [held, setHeld] = useState<number>();
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    if (!settled || pending) return;
    setHeld(undefined);
    setSettled(false);
  }, [settled, pending]);
  const hold = useCallback((value: number) => {
    setHeld(value);
    setSettled(false);
  }, []);
  const settle = useCallback((value: number) => {
    setHeld(value);
    setSettled(true);
  }, []);
  return { held, hold, settle };
}
