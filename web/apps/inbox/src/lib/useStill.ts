import { useRouter } from "@tanstack/react-router";

/**
 * Asked at a click, it gives what says later whether one is still at that place: an answer that comes late leads nobody
 * away from where they went meanwhile.
 */
export function useStill(): () => () => boolean {
  const router = useRouter();
  const now = (): string => router.state.location.href;
  return () => {
    const before = now();
    return () => now() === before;
  };
}
