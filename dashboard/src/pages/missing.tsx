import { Empty } from "~/ui/states";
import { Page } from "~/ui/page";

export function Missing() {
  return (
    <Page title="Nothing here">
      <Empty
        icon="search"
        title="This page does not exist, or it is not yours to see."
        action={
          <a class="button" href="/">
            Go to the overview
          </a>
        }
      >
        Check the address, or ask the store's owner for access.
      </Empty>
    </Page>
  );
}
