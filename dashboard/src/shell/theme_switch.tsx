import { theme, type Theme } from "~/state/theme";
import { Icon, type IconName } from "~/ui/icon";

const choices: readonly (readonly [Theme, IconName, string])[] = [
  ["light", "sun", "Light"],
  ["dark", "moon", "Dark"],
  ["system", "screen", "As the system"],
];

export function ThemeSwitch() {
  return (
    <div class="choice icons" role="group" aria-label="Colours">
      {choices.map(([value, icon, text]) => (
        <button key={value} type="button" aria-pressed={theme.value === value} title={text} onClick={() => (theme.value = value)}>
          <Icon name={icon} label={text} />
        </button>
      ))}
    </div>
  );
}
