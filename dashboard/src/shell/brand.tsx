export function Brand() {
  return (
    <div class="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="9" class="brand-ground" />
        <path d="M21.5 11.2a7 7 0 1 0 0 9.6" class="brand-ring" />
        <circle cx="22.6" cy="16" r="2.3" class="brand-dot" />
      </svg>
      <span>Clique</span>
    </div>
  );
}
