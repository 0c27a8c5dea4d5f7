import type { ComponentChildren } from "preact";

export interface Column<T> {
  head: string;
  cell: (row: T) => ComponentChildren;
  /** Numbers are set right in tabular figures. */
  number?: boolean;
  /** On a phone: the card's title, the amount beside it, one of its fields (default), or left out. */
  phone?: "title" | "amount" | "hide";
  width?: "nowrap" | "wide";
}

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  row_key: (row: T) => string;
  row_class?: (row: T) => string;
  foot?: ComponentChildren;
}

/** A table that becomes a list of cards on a phone. The explicit roles keep it a table for readers there too. */
export function DataTable<T>({ label, columns, rows, row_key, row_class, foot }: Props<T>) {
  return (
    <table class="data" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.head} role="columnheader" scope="col" class={classes(column)}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={row_key(row)} role="row" class={row_class?.(row)}>
            {columns.map((column) => (
              <td key={column.head} role="cell" class={classes(column)} data-head={column.head}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
      {foot}
    </table>
  );
}

function classes<T>(column: Column<T>): string {
  return [column.number && "number", column.phone && `phone-${column.phone}`, column.width].filter(Boolean).join(" ");
}
