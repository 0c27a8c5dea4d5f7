import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { stale_seconds } from "~/live/live";
import { span } from "~/format/time";
import { Icon } from "./icon";

let visits = 0;

/** Title, tools and content of a page. After a change of page the focus goes to its title. */
export function Page(props: { title: string; note?: ComponentChildren; tools?: ComponentChildren; back?: { href: string; text: string }; children: ComponentChildren }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    visits += 1;
    if (visits > 1) head.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, []);
  useEffect(() => {
    document.title = `${props.title} · Clique`;
  }, [props.title]);
  return (
    <>
      <header class="page-head">
        <div>
          {props.back && (
            <a class="back" href={props.back.href}>
              <Icon name="previous" />
              {props.back.text}
            </a>
          )}
          <h1 ref={head} tabIndex={-1}>
            {props.title}
          </h1>
          {props.note && <p class="note">{props.note}</p>}
        </div>
        {props.tools && <div class="tools">{props.tools}</div>}
      </header>
      <StaleNote />
      {props.children}
    </>
  );
}

/** Said on every page while nothing moves: figures stay, with their age. */
function StaleNote() {
  const seconds = stale_seconds.value;
  if (seconds === null) return null;
  return (
    <p class="stale-note">
      <Icon name="warn" />
      <span>
        Live updates stopped {span(seconds)} ago. The figures below are as of then; reconnecting by itself.
      </span>
    </p>
  );
}
