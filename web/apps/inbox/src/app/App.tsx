import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ApiError } from "@/api/client";
import { Toasts } from "@/ui/Toasts";
import { forgetWithSession } from "./forget";
import { router } from "./router";
import { theme } from "./theme";

/** A "no" is an answer and isn't asked again; a hiccup is, twice. */
const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
      refetchOnWindowFocus: false,
      // The browser's own idea of being online is often wrong: what can't be reached says so, and is asked again.
      networkMode: "always",
      refetchOnReconnect: true,
    },
  },
});
forgetWithSession(client);

export function App(): ReactNode {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>
  );
}
