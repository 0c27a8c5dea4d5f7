import { render } from "preact";

import "./styles/index.css";
import "./state/theme";
import { answer } from "./api/answer";
import { api } from "./api/client";
import { App } from "./app";
import { watch_page } from "./live/live";
import { forget_session, remember_session } from "./state/session";

watch_page();
const root = document.getElementById("app");
if (root) render(<App />, root);

answer(api.GET("/api/v1/me")).then(remember_session, forget_session);
