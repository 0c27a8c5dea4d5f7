import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A labelled control with its hint and what is wrong with it. `control` gets the ids to wear. */
export function Field(props: {
  label: string;
  hint?: ComponentChildren;
  fault?: string | undefined;
  control: (wear: { id: string; "aria-describedby": string | undefined; "aria-invalid": "true" | undefined }) => ComponentChildren;
}) {
  const id = useId();
  const described = [props.hint && `${id}-hint`, props.fault && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  return (
    <div class={`field ${props.fault ? "faulty" : ""}`}>
      <label for={id}>{props.label}</label>
      {props.control({ id, "aria-describedby": described, "aria-invalid": props.fault ? "true" : undefined })}
      {props.hint && (
        <p class="note" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.fault && (
        <p class="fault" id={`${id}-fault`}>
          {props.fault}
        </p>
      )}
    </div>
  );
}
