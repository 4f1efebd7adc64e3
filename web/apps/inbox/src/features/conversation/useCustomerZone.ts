import { useQuery } from "@tanstack/react-query";
import { contactQuery } from "@/data/contacts";
import { conversationQuery } from "@/data/timeline";

/** Where the customer is ("Europe/Warsaw"), as far as the page knows it already; else "". */
export function useCustomerZone(conversationId: string): string {
  const { data: row } = useQuery({ ...conversationQuery(conversationId), enabled: false });
  const { data } = useQuery({ ...contactQuery(row?.head.contact_id ?? ""), enabled: false });
  return data?.contact.time_zone ?? "";
}
