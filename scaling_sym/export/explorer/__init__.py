"""One self-contained page on which the laws of the bundles are looked up and loss curves drawn, in any browser."""
