import { useRouter, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { SignIn } from "@/features/session/SignIn";

export default function SignInPage(): ReactNode {
  const { back, problem } = useSearch({ from: "/sign-in" });
  const { history } = useRouter();
  return <SignIn onDone={() => history.push(back ?? "/")} back={back ?? "/"} problem={problem} />;
}
