/** The file profiles in force. To take in another kind of file, write its profile and list it here. */
import type { FileProfile } from "#shared/domain/file-profile.ts";
import { northwindCustomers } from "./northwind-customers.ts";
import { northwindOrderLines } from "./northwind-order-lines.ts";
import { northwindProducts } from "./northwind-products.ts";
import { tieoutCustomers } from "./tieout-customers.ts";
import { tieoutOrders } from "./tieout-orders.ts";
import { tieoutProducts } from "./tieout-products.ts";

export const fileProfiles: readonly FileProfile[] = [
  tieoutCustomers,
  tieoutProducts,
  tieoutOrders,
  northwindCustomers,
  northwindProducts,
  northwindOrderLines,
];
