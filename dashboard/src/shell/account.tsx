import { session } from "~/state/session";
import { Icon } from "~/ui/icon";
import { sign_out } from "./sign_out";
import { ThemeSwitch } from "./theme_switch";

export function Account() {
  const user = session.value?.user;
  return (
    <div class="account">
      <ThemeSwitch />
      <div class="account-line">
        <span class="account-name" title={user?.email}>
          {user?.name || user?.email}
        </span>
        <button type="button" class="icon-button" title="Sign out" onClick={sign_out}>
          <Icon name="out" label="Sign out" />
        </button>
      </div>
    </div>
  );
}
