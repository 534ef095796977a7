// The same with Svelte's runes: the snapshots are in a deep state, which is a proxy of plain arrays and
// objects.
export const chatState = (conversation) => {
  let messages = $state([]);
  let isLoading = $state(true);
  const lines = $derived(messages.map(({ sender, plaintext }) => `${sender?.name}: ${plaintext}`).reverse());
  $effect(() => {
    const subscription = conversation.subscribeMessages((next) => {
      messages = next ?? [];
      isLoading = false;
    });
    return () => subscription.unsubscribe();
  });
  return {
    get lines() {
      return lines;
    },
    get messages() {
      return messages;
    },
    get isLoading() {
      return isLoading;
    },
  };
};
