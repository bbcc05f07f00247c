from dfutils.cli import main

if __name__ == "__main__":  # the processes that run notebooks import this file, too
    main()
