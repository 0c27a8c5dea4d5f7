import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A component whose code is fetched when first shown; undefined until it is here. */
export function use_later<P>(load: () => Promise<ComponentType<P>>): ComponentType<P> | undefined {
  const [found, find] = useState<{ it: ComponentType<P> }>();
  useEffect(() => {
    let gone = false;
    load().then(
      (it) => !gone && find({ it }),
      () => {}, // the skeleton stays; the table beside it says the same
    );
    return () => {
      gone = true;
    };
  }, []);
  return found?.it;
}
