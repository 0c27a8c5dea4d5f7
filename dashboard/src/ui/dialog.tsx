import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

/** A modal dialog; Escape and the close button both call `on_close`. */
export function Dialog(props: { title: string; on_close: () => void; wide?: boolean; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box}
      class={`dialog ${props.wide ? "wide" : ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        props.on_close();
      }}
    >
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/** Asks before something that cannot be undone. */
export function Confirm(props: {
  title: string;
  children: ComponentChildren;
  yes: string;
  danger?: boolean;
  busy?: boolean;
  on_yes: () => void;
  on_close: () => void;
}) {
  return (
    <Dialog title={props.title} on_close={props.on_close}>
      <p class="note">{props.children}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={props.on_close}>
          Cancel
        </button>
        <button type="button" class={`button ${props.danger ? "danger" : "primary"}`} disabled={props.busy} onClick={props.on_yes}>
          {props.yes}
        </button>
      </div>
    </Dialog>
  );
}
