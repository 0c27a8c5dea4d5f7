import { dismiss, toasts } from "~/state/toasts";
import { Icon } from "./icon";

export function Toaster() {
  return (
    <div class="toaster" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.tone}`}>
          <Icon name={toast.tone === "good" ? "check" : "warn"} />
          <span>{toast.text}</span>
          <button type="button" class="icon-button" onClick={() => dismiss(toast.id)}>
            <Icon name="cross" label="Dismiss" />
          </button>
        </div>
      ))}
    </div>
  );
}
