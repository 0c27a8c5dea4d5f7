import { Icon } from "./icon";

interface Props {
  next: string | null;
  paged: boolean;
  note: string;
  on_next: (cursor: string) => void;
  on_first: () => void;
  on_back: () => void;
}

/** Pages by cursor: on, back the way one came, and to the beginning. */
export function Pager({ next, paged, note, on_next, on_first, on_back }: Props) {
  return (
    <footer class="pager">
      <span class="note">{note}</span>
      <span class="pager-buttons">
        {paged && (
          <button type="button" class="button small" onClick={on_first}>
            Newest
          </button>
        )}
        <button type="button" class="button small" disabled={!paged} onClick={on_back}>
          <Icon name="previous" />
          Back
        </button>
        <button type="button" class="button small" disabled={!next} onClick={() => next && on_next(next)}>
          Next
          <Icon name="next" />
        </button>
      </span>
    </footer>
  );
}
