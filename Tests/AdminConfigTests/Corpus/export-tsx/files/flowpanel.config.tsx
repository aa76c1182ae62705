import { defineAdmin } from "@flowpanel/kit";
import { Logo } from "./logo";

const identity = <T,>(value: T): T => value;
const Cell = ({ row }: { row: { name: string } }) => (
  <td className="it's" data-a={row.name > "a" ? 1 : 2} {...row}>
    {/* } */}
    // not a comment, don't stop {`${row.name}}`} &nbsp; <b>/{"}"}</b> 'quote
    <></>
    <Logo.Small<string> href="/a>b" />
  </td>
);

export default defineAdmin({
  resources: { users: { columns: [{ key: "name", render: (row: any) => <Cell row={row} /> }] } },
  realtime: identity({ driver: "redis", url: process.env.REDIS_URL! }),
});
