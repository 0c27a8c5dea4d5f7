import type { Wire, World } from "./socket";

/** The real world of the socket: this page's own server, browser timers and visibility. */
export function browser_world(): World {
  return {
    open() {
      const scheme = location.protocol === "https:" ? "wss" : "ws";
      const socket = new WebSocket(`${scheme}://${location.host}/ws/v1`);
      const wire: Wire = {
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text);
        },
        close: () => socket.close(1000),
        on_open: () => {},
        on_text: () => {},
        on_close: () => {},
      };
      socket.onopen = () => wire.on_open();
      socket.onmessage = (event) => wire.on_text(String(event.data));
      socket.onclose = (event) => wire.on_close(event.code);
      return wire;
    },
    now: () => Date.now(),
    random: () => Math.random(),
    later(run, ms) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    visible: () => document.visibilityState === "visible",
  };
}
